import {
  DataTypes,
  type CreationOptional,
  type InferAttributes,
  type InferCreationAttributes,
  type Model,
  type ModelStatic,
  type Sequelize,
} from 'sequelize';

/** A row of `categories`. */
export interface CategoryModel extends Model<
  InferAttributes<CategoryModel>,
  InferCreationAttributes<CategoryModel>
> {
  id: CreationOptional<number>;
  name: string;
  slug: string;
  createdAt: CreationOptional<Date>;
}

export function defineCategoryModel(sequelize: Sequelize): ModelStatic<CategoryModel> {
  return sequelize.define<CategoryModel>(
    'Category',
    {
      id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true },
      name: { type: DataTypes.TEXT, allowNull: false },
      slug: { type: DataTypes.TEXT, allowNull: false },
      createdAt: { type: DataTypes.DATE(3), field: 'created_at' },
    },
    { tableName: 'categories', timestamps: false },
  );
}
